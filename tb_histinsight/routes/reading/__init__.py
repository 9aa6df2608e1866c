"""Reading a log's event files at full resolution beside a running TensorBoard: in the background, in a process of its
own, so that TensorBoard stays quick."""
