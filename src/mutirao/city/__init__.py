"""What a city is: its folder of tables, zones, groups, inventory, actions, climate, prices; import, check, draft."""
