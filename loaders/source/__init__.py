"""Read preference data from files, folders and the Hugging Face Hub, as a table of texts.

- ``location``: where a source is, and how it is read where that does not show.
- ``read``: any source as a table; which reader a file has.
- ``folder``: which files of a folder are its table.
- ``content``: the bytes of a file, unpacked; ``text``: its text.
- ``delimited`` (CSV and its kin), ``json_rows``, ``columnar`` (Parquet, Arrow), ``workbook`` (Excel, LibreOffice):
  the rows of a file; ``grid``: rows of cells below a header; ``frames``: those of a DataFrame.
- ``trees``: trees of messages as a table of questions with their answers.
- ``cells``: the text of a cell. ``seen``: what of a text a reader sees. ``table``: what comes out.
"""
