"""What the stories are told with: processes, the gateway, scripted providers, and the two wire formats."""
