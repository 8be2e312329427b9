"""The pages, one module for each subject; each has its addresses in ``urlpatterns``."""
