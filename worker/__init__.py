"""What goes on behind the desk: polling, judging, delivering, following up; and who watches over it."""
