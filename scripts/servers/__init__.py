"""Real servers for the tests: on the loopback, on free ports, with their data in a folder of their
own, ended with the process that started them."""
