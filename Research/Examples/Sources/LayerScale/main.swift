layerScale.main()
