"""The application's CSV files: counts tables from anywhere, rounds and answers as exported."""
