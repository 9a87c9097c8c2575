"""What the coach knows: the skills matrix, its clauses, and every sentence the coach says."""
