"""For the browser and the phone: asynchronous only here, at the edge."""
