"""What Dahua's cameras and their OEMs tell, in any of the encodings in which they tell it."""
