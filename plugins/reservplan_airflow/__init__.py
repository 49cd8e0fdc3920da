"""The only code beside dags/ that knows Airflow; everything it does is in the product, `reservplan`."""
