"""What PM's objects are and how a sheet's row becomes requests: one file per entity, everything else derives from its declaration."""
