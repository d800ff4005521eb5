"""Flow log objects, wherever they are, → Arrow batches with every row accounted for."""
