"""The command line: what a person types → session, library and sample; stdout is data, stderr is talk."""
