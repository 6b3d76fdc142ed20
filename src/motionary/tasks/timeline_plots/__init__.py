"""Pictures of timelines and of what is expected of them; they need matplotlib (motionary[train])."""
