"""The desk: what clerks, reviewers and hall managers see. One module a screen."""
