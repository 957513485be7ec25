"""What happens at a site besides crossings: refused entries, incidents, seizures, weather, closures."""
