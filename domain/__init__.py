"""Words and rules of the desk: values, states and pure functions, standard library only."""
