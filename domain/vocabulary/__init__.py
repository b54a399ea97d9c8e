"""The words of the trade: pictures, money, statuses, ids, errors and the settings of a shop."""
