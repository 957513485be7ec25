"""Units, posts, lanes and the devices that stand at them."""
