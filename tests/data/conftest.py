"""What lies here is for the tests to read: none of it is a test of ours."""

collect_ignore_glob = ["*"]
