"""What people are paid for and how: kinds of entries, the page «Мотивация» with the closing of months, and its words."""
