"""Tables in the Glue Data Catalog: what is there, what it should be, and whether it gives the right rows."""
