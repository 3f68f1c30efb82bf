"""What Streamlit's scripts share. With app.py and pages/, the only importer of streamlit."""
