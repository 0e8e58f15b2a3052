"""Who somebody is: accounts, passwords, second factors, sessions, attempts. What he may see is ``dash_app.access``."""
