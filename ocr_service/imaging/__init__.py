"""Arrays in, arrays out: decoding, orientation, registration, rule removal, ink."""
