"""The REST protocol of a Bitrix24 portal, spoken over the demo company's database."""
