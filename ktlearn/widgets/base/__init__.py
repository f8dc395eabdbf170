"""What the widgets share: frozen copies, the bundle of scripts and styles, colours, and a sheet to draw on."""
