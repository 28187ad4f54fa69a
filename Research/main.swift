print("research")
