//! The model as text, Markdown, JSON and pictures.
