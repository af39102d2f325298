"""Our own labelled posts: hand-written, half Italian, many industries, labelled by the rubric for urgency."""
