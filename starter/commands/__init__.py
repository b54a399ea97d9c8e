"""What a person types: the commands of `darkroom` that concern orders."""
