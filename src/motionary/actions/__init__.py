"""What happens next: timelines of actions, their files, and what is needed to forecast how they go on."""
