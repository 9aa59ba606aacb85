"""What joins the rooms: the functions that `pmbulk` offers to scripts and to the command line alike."""
