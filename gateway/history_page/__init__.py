"""The page 任务记录, on which end users see what was made for them."""
