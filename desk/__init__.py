"""What people see: pages, widgets, and the command line."""
