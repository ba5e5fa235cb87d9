"""The Inside page on one screen: picture, answer, operations and channels in sight together on a laptop of 1280 x 720."""

#: The page's own CSS, in the document's head, as Explore's (viz/explore/one_screen.py).
INSIDE_ON_ONE_SCREEN = """
.stApp .stMainBlockContainer:has(.st-key-inside-title) { padding-left: 1.5rem; padding-right: 1.5rem; padding-top: 3.9rem; }
.stApp .st-key-inside-title { align-items: center; min-height: 2.6rem; }
.stApp .st-key-inside-title h2 { font-size: 1.35rem; padding: 0; }
.stApp .st-key-inside-title [data-testid="stHeaderActionElements"] { display: none; }
.stApp .st-key-inside-progress { width: 18rem; }
.stApp .st-key-inside-left, .stApp .st-key-inside-right { gap: .55rem; }
.stApp .st-key-inside-right h4 { font-size: 1.05rem; padding: 0; margin: 0; }
.stApp:has(.st-key-inside-title) section[data-testid="stSidebar"] .stVerticalBlock { gap: .7rem; }
@media (max-width: 960px) {
  .stApp .stMainBlockContainer:has(.st-key-inside-title) [data-testid="stHorizontalBlock"]:has(.st-key-inside-left) { flex-wrap: wrap; }
  .stApp .stMainBlockContainer:has(.st-key-inside-title) [data-testid="stHorizontalBlock"]:has(.st-key-inside-left) > [data-testid="stColumn"] { flex: 1 1 100%; min-width: 100%; }
  .stApp .st-key-inside-left .inside-picture { margin: 0 auto; }
}
"""
