"""What tasks of real data sets share: reading their files, and parting what is hidden."""
