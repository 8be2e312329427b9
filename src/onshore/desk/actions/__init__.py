"""What people do: one function for each deed, all of it or nothing.

Each takes the actor first, asks the policy, checks the guards, changes the records and writes
the audit in one transaction.
"""
