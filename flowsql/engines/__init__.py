"""The engines that answer a statement, behind one small protocol."""
