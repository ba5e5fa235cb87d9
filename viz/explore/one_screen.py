"""Explore on one screen: figures, the graph's whole top level and the formula in sight together on a laptop of 1280 x 720, while a knob turns."""

#: Pixels of the window that everything but the graph takes: navigation, title, the graph's widgets, and the first lines of the formula.
_AROUND = 368

#: The page's own CSS, in the document's head (viz/server/first_paint.py); `.stApp` lets it win over Streamlit's own, which comes later. Streamlit has no option for a graph as high as the window leaves room for, nor for figures that are narrow and close together.
ONE_SCREEN = f"""
.stApp .stMainBlockContainer:has(.st-key-headline) {{ padding-left: 1.5rem; padding-right: 1.5rem; padding-top: 3.9rem; }}
.stApp .st-key-title {{ align-items: center; }}
.stApp .st-key-title h2 {{ font-size: 1.35rem; padding: 0; margin-bottom: 1rem; }}  /* as of the paragraph beside it */
.stApp .st-key-title [data-testid="stHeaderActionElements"] {{ display: none; }}
.stApp .st-key-graph {{ --viewer-height: clamp(22rem, calc(100vh - {_AROUND}px), 60rem); gap: .5rem; }}
.stApp .st-key-explore_graph {{ flex-basis: var(--viewer-height) !important; }}
.stApp .st-key-explore_graph .stBidiComponent {{ height: var(--viewer-height) !important; }}
.stApp .st-key-graph-bar [data-testid="stButtonGroup"] button {{ min-height: 2.5rem; }}  /* as high as the box beside it */
.stApp .st-key-headline {{ gap: .35rem; }}
.stApp .st-key-headline .stMetric label {{ min-height: 0; }}
.stApp .st-key-headline [data-testid="stMetricValue"] {{ font-size: 1.5rem; line-height: 1.15; padding: 0; }}
.stApp .st-key-headline [data-testid="stMetricDelta"] {{ font-size: .78rem; }}
.stApp:has(.st-key-headline) section[data-testid="stSidebar"] .stVerticalBlock {{ gap: .7rem; }}
.stApp .st-key-screen [data-testid="stColumn"]:last-child [data-testid="stButtonGroup"] button {{ padding-left: .7rem; padding-right: .7rem; }}
.stApp .st-key-layer_kinds [role="toolbar"] {{ flex-wrap: wrap; }}
.stApp .st-key-turns kbd {{ display: none; }}
.stApp .st-key-formulas {{ gap: .5rem; }}
@media (max-width: 960px) {{  /* a phone or tablet: the figures, as many in a row as there is room for, before the graph; the latency after it */
  .stApp .st-key-screen > * > [data-testid="stHorizontalBlock"] {{ flex-wrap: wrap; }}
  .stApp .st-key-graph {{ --viewer-height: clamp(24rem, 50vh, 36rem); }}
  .stApp .st-key-screen > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"],
  .stApp .st-key-screen > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] > [data-testid="stVerticalBlock"] {{ display: contents; }}
  .stApp .st-key-screen > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] > [data-testid="stVerticalBlock"] > * {{ flex: 0 0 100%; min-width: 0; }}
  .stApp .st-key-screen [data-testid="stLayoutWrapper"]:has(> .st-key-headline) {{ order: -1; }}
  .stApp .st-key-headline {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem 1rem; }}
}}
"""
