"""What people and other systems are told: alerts, mail, webhooks."""

__all__: list[str] = []
