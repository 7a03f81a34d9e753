"""What others would get on the same pages: plain PaddleOCR, Tesseract."""
