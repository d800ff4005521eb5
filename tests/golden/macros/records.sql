-- {{ records }}
records
