"""What stands before Streamlit: the gate, signing in, downloads and the page's shell.

Plain ASGI and server-rendered HTML. Streamlit is not imported here, save one class of its
wire format (sockets.py).
"""
