"""The example ``conv/mnist`` of layerkit-conv beside PyTorch: the same network, start, batches and updates."""
