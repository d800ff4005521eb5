-- {{ window.seconds }}
3600

-- {{ window.start }}
1795341600

-- {{ window.end }}
1795345200
