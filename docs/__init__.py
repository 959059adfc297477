"""The documentation: pages in `pages/`, and what fills them from the product itself."""
