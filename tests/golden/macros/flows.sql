-- {{ flows }}
flows
