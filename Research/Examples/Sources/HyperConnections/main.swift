hyperConnections.main()
